"""A surface code over two modules: three ways to spend Bell pairs, their costs and their risks."""

from bellwire.qec import Noise, by_cut, distribute
from bellwire.threshold import memory

DISTANCE = 5

print("pairs        basis  pairs/round  link faults that harm")
for pairs in ("per_gate", "packet", "safe_packet"):
    for basis in ("z", "x"):
        circuit = memory("rotated_surface", basis, DISTANCE, DISTANCE)
        done = distribute(circuit, by_cut(circuit, f"x<={DISTANCE}"), pairs=pairs)
        distance = done.link_distances()[0]
        words = "never" if distance is None else f"{distance}"
        print(f"{pairs:12} {basis:5}  {done.report['ebits_per_round']:11}  {words}")

circuit = memory("rotated_surface", "z", DISTANCE, 1_000_000)
noise = Noise(p=0.001, bell_infidelity=0.02)
done = distribute(circuit, by_cut(circuit, f"x<={DISTANCE}"), noise=noise)
print(f"a million rounds: {done.report['ebits']:,} Bell pairs, {len(str(done.circuit)):,} letters")
