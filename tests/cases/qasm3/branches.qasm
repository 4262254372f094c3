OPENQASM 3.0;
include "stdgates.inc";
qubit[3] q;
bit[3] c;
bit flag;
c[0] = measure q[0];
if (c[0]) { x q[1]; }
if (!c[1]) { y q[1]; }
if (~c[1]) z q[1];
if (c[2] == true) h q[0];
if (c[2] == false) { s q[0]; }
if (c[2] != true) { s q[0]; }
if (false == c[2]) { t q[0]; }
if (flag) x q[2]; else y q[2];
if (c == 5) { x q[0]; cx q[0], q[1]; }
if (3 == c) { x q[0]; } else { z q[0]; h q[2]; }
if (c == "011") { x q[0]; }
if (c[0:1] == 2) { x q[2]; }
if (c == 9) { x q[2]; }
if (c[0]) { }
if (c[0]) { } else { x q[0]; y q[0]; }
if (c[0]) { if (c[1]) { x q[2]; } y q[2]; } else { if (flag) { z q[2]; } }
if (c[0]) { if (c[1]) { x q[2]; } }
if (c[0]) { c[1] = measure q[1]; }
if (flag) { reset q[0]; }
if (flag) { delay[10ns] q[0]; }
if (flag) { barrier q; }
if (c[0]) { h q; }
let part = c[1:2];
if (part == 1) { x q[1]; }
if (c[0]) { let some = q[1:2]; x some; }
