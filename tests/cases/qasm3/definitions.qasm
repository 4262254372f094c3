OPENQASM 3.0;
include "stdgates.inc";
gate majority a, b, c { cx c, b; cx c, a; ccx a, b, c; }
gate turn(alpha, beta) a, b {
  rx(alpha / 2) a;
  barrier a, b;
  U(alpha, -beta, pi - alpha) b;
  cx a, b;
  gphase(alpha);
}
gate both(t) a, b { turn(t, 2 * t) a, b; turn(-t, 0.25) b, a; }
gate nothing a { }
gate no_angles() a, b { swap a, b; }
qubit[3] q;
majority q[2], q[0], q[1];
both(0.7) q[0], q[2];
turn(pi, tau) q[1], q[0];
nothing q[1];
no_angles q[0], q[1];
no_angles() q[0], q[1];
