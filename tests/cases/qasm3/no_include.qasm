qreg q[3];
creg c[3];
U(0.3, 0.2, 0.1) q[0];
gate mine(a) b { U(a, 0, pi) b; }
mine(0.5) q[1];
U(0, 0, 1) q;
measure q -> c;
