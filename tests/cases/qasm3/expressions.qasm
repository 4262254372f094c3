OPENQASM 3.0;
include "stdgates.inc";
qubit[2] q;
rx(pi/2 + tau - euler*-2) q[0];
rx(1_000) q[0];
rx(0x1f) q[0]; rx(0b11) q[0]; rx(0o17) q[0];
rx(1.e-3) q[0]; rx(.5) q[0]; rx(1e3) q[1]; rx(5.) q[1]; rx(2.5E+1) q[1];
rx(π) q[0]; rx(τ/3) q[0]; rx(ℇ) q[1];
rx(7/2) q[0]; rx(7/2.0) q[0];
rx(-(1 + 2) * 3 - -4) q[1];
rx((((1)))) q[1];
rx(1e-17) q[0]; rx(-1.5e-300) q[1];
/* a comment
   of two lines */
rz(2 - 3 - 4) q[0]; rz(8 / 4 / 2) q[1]; rz("0101") q[0];
