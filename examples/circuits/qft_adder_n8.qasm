// A Draper adder: b := a + b (mod 16) in the Fourier basis, here 5 + 6.
// T. G. Draper, "Addition on a quantum computer", arXiv:quant-ph/0008033.
OPENQASM 3.0;
include "stdgates.inc";

qubit[4] a;
qubit[4] b;
bit[4] sum;

// a = 5, b = 6 (least significant bit first)
x a[0];
x a[2];
x b[1];
x b[2];

// quantum Fourier transform of b, bits left in reverse order
h b[3];
cp(pi/2) b[2], b[3];
cp(pi/4) b[1], b[3];
cp(pi/8) b[0], b[3];
h b[2];
cp(pi/2) b[1], b[2];
cp(pi/4) b[0], b[2];
h b[1];
cp(pi/2) b[0], b[1];
h b[0];

// add a: phases controlled by its bits
cz a[3], b[3];
cp(pi/2) a[2], b[3];
cp(pi/4) a[1], b[3];
cp(pi/8) a[0], b[3];
cz a[2], b[2];
cp(pi/2) a[1], b[2];
cp(pi/4) a[0], b[2];
cz a[1], b[1];
cp(pi/2) a[0], b[1];
cz a[0], b[0];

// inverse quantum Fourier transform
h b[0];
cp(-pi/2) b[0], b[1];
h b[1];
cp(-pi/4) b[0], b[2];
cp(-pi/2) b[1], b[2];
h b[2];
cp(-pi/8) b[0], b[3];
cp(-pi/4) b[1], b[3];
cp(-pi/2) b[2], b[3];
h b[3];

sum = measure b;
