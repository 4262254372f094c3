OPENQASM 3.0;
include "stdgates.inc";
// every gate of stdgates.inc, and the built-in ones
qubit[3] q;
p(0.1) q[0]; x q[0]; y q[1]; z q[2]; h q[0]; s q[1]; sdg q[2]; t q[0]; tdg q[1]; sx q[2];
rx(0.2) q[0]; ry(-0.3) q[1]; rz(pi/7) q[2];
cx q[0], q[1]; cy q[1], q[2]; cz q[2], q[0]; cp(0.4) q[0], q[1];
crx(0.5) q[1], q[2]; cry(0.6) q[2], q[0]; crz(0.7) q[0], q[2]; ch q[1], q[0];
swap q[0], q[1]; ccx q[0], q[1], q[2]; cswap q[2], q[1], q[0]; cu(0.1, 0.2, 0.3, 0.4) q[0], q[1];
CX q[1], q[2]; phase(0.8) q[0]; cphase(0.9) q[1], q[2];
u1(1.1) q[0]; u2(1.2, 1.3) q[1]; u3(1.4, 1.5, 1.6) q[2]; U(1.7, 1.8, 1.9) q[0];
gphase(0.5);
