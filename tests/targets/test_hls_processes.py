"""A network for HLS: FIFOs become depths, states frames that are kept, states that never change constants."""

from __future__ import annotations

from hwcomp.targets.dataflow.design import make_design
from hwcomp.targets.dataflow.network import Network
from hwcomp.targets.hls.processes import Dataflow, dataflow_of
from tests.targets.hls_bundles import prepared, roomy
from tests.targets.mcu_graphs import GRAPHS


def flow_of(family: str, interval: int) -> tuple[Network, Dataflow]:
    options = roomy(interval)
    network = make_design(prepared(GRAPHS[family](), options), "net", options).network
    return network, dataflow_of(network)


def modules(flow: Dataflow) -> set[str]:
    return {process.instance.module for process in flow.processes}


def test_fifos_are_depths() -> None:
    network, flow = flow_of("elementwise", 500)
    fifos = [i for i in network.instances if i.module == "hwc_fifo"]
    assert fifos and "hwc_fifo" not in modules(flow)
    for fifo in fifos:
        assert fifo.outputs[0] not in flow.network.streams
    kept = [fifo for fifo in fifos if fifo.inputs[0] in flow.network.streams]
    assert kept
    for fifo in kept:
        assert flow.depths[fifo.inputs[0]] >= fifo.number("Depth") > 2


def test_every_stream_with_a_value_stays() -> None:
    for family, interval in (("elementwise", 500), ("layouts", 2000), ("states", 50), ("passing", 50)):
        network, flow = flow_of(family, interval)
        carrying = {stream.name for stream in network.streams.values() if stream.value}
        assert carrying <= set(flow.network.streams)


def test_inputs_are_written_before_they_are_read() -> None:
    for family, interval in (("elementwise", 500), ("layouts", 2000), ("products", 3000), ("states", 50)):
        _, flow = flow_of(family, interval)
        written = {edge.stream for edge in flow.network.inputs}
        for process in flow.processes:
            if process.kind != "state_read":
                assert set(process.instance.inputs) <= written
            if process.kind != "state_write":
                written |= set(process.instance.outputs)


def test_states_are_read_and_written() -> None:
    _, flow = flow_of("states", 50)
    kinds = [process.kind for process in flow.processes]
    assert len(flow.states) == kinds.count("state_read") == kinds.count("state_write") == 4


def test_constants_have_no_way_back() -> None:
    network, flow = flow_of("passing", 50)
    assert any(i.module == "hwc_state" for i in network.instances)
    constants = [process.instance for process in flow.processes if process.kind == "constant"]
    assert constants and not flow.states
    assert all(not instance.inputs for instance in constants)


def test_a_vector_waits_before_a_unit_that_keeps_one() -> None:
    _, flow = flow_of("convolutions", 2000)
    units = [p.instance for p in flow.processes if p.instance.module == "hwc_mvu"]
    folded = [u for u in units if u.number("OutChannels") > u.number("Pe")]
    assert folded
    for unit in folded:
        assert flow.depths[unit.inputs[0]] >= unit.number("InChannels") // unit.number("Simd") + 2
