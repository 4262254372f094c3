OPENQASM 3;
include "stdgates.inc";
bit[2] c;
x $0;
cx $0, $3;
h $1;
c[0] = measure $3;
if (c[0]) { x $1; }
barrier $0, $1;
