OPENQASM 3.0;
include "stdgates.inc";
qubit  [ 2 ]  q ;bit[2]c;
h
  q [ 0 ]
;
rx ( pi / 2 )q[1];cx q[0],q[1];cx q [0] , q[ 1 ] ;// no blank
if(c[0]){x q[0];}if(c[0]){x q[0];}else{y q[1];}
if ( ! c [ 1 ] ) { rz(0.5) q[0] ; }
if (c[0]) { x q[0]; } /* between */ else { y q[0]; }
if (c[0]) { x q[0]; } // between
else y q[0];
measure q[0]->c[0];c[1]=measure q[1];reset q[0];
x q[0],;
rx(1 // comment ) q[0];
 + 2) q[1];
