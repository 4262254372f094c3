OPENQASM 3.0;
include "stdgates.inc";
@reversible
gate foo a {
  @inner
  x a;
}
@my.note {"a": [1, 2]}
qubit[2] q;
@bit.note
bit[2] c;
@one 1
@two
foo q[0];
@here c[0] = nothing;
c[0] = measure q[0];
@cond
if (c[0]) {
  @inside // part of the annotation
  x q[1];
}
@loop
for int i in [0:1] { x q[1]; }
