OPENQASM 3.0;
include "stdgates.inc";
qubit[3] q;
delay[10ns] q[0];
delay[1.5us] q;
delay[2ms] q[0], q[2];
delay[1s] q[1];
delay[3µs] q[1];
delay[7ns];
box { x q[0]; cx q[0], q[1]; }
box[100ns] { delay[20ns] q[2]; y q[2]; }
