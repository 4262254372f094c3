OPENQASM 3.0;
include "stdgates.inc";
qubit[3] q;
bit[2] c;
for int i in [0:4] { x q[0]; cx q[0], q[1]; }
for uint i in {3, 1, 7} y q[1];
for int i in [0:2:6] { rx(i) q[2]; }
for int[8] i in [3:-1:1] { rz(i / 2.0) q[0]; rz(i * 0.5) q[1]; }
for int i in [2:0] { z q[0]; }
for uint i in {1, 2} { for int j in [0:1] { ry(i + 2 * j) q[1]; } }
for int i in [1:2] { for int i in [5:6] { rx(i) q[0]; } }
while (!c[0]) { h q[0]; c[0] = measure q[0]; }
while (c == 2) {
  h q;
  c = measure q[0:1];
  if (c[0]) { break; }
  if (c[1]) { continue; } else { x q[2]; }
}
