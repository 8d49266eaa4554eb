"""Who reaches whom in a cluster: NetworkPolicies, read as Kubernetes says that they are to be read."""

from collections.abc import Iterable
from ipaddress import ip_address, ip_network
from typing import Literal, NamedTuple

from tests.deploy.test_templates import Document

Labels = dict[str, str]


class Peer(NamedTuple):
    """Who is at the other end: an address outside, or a pod with its labels and those of its namespace."""

    address: str = ""
    labels: Labels | None = None
    namespace: Labels | None = None
    same_namespace: bool = False


def allowed(
    policies: Iterable[Document],
    direction: Literal["Ingress", "Egress"],
    labels: Labels,
    peer: Peer,
    port: str,
) -> bool:
    """Whether a pod with these labels may be reached by a peer, or reach it, at a port such as 443/TCP."""
    selecting = [
        policy["spec"]
        for policy in policies
        if direction in policy["spec"]["policyTypes"] and _selects(policy["spec"]["podSelector"], labels)
    ]
    if not selecting:
        return True
    side = "from" if direction == "Ingress" else "to"
    return any(
        _is_of(rule.get(side), peer) and _has_port(rule.get("ports"), port)
        for policy in selecting
        for rule in policy.get(direction.lower(), [])
    )


def _selects(selector: Document, labels: Labels) -> bool:
    assert selector.keys() <= {"matchLabels"}, "only labels are understood here"
    wanted: Labels = selector.get("matchLabels", {})
    return wanted.items() <= labels.items()


def _is_of(peers: list[Document] | None, peer: Peer) -> bool:
    return not peers or any(_is_peer(each, peer) for each in peers)


def _is_peer(described: Document, peer: Peer) -> bool:
    if "ipBlock" in described:
        assert described["ipBlock"].keys() == {"cidr"}, "no exceptions are understood here"
        return bool(peer.address) and ip_address(peer.address) in ip_network(described["ipBlock"]["cidr"])
    if peer.labels is None:
        return False
    if "namespaceSelector" in described:
        is_in_namespace = _selects(described["namespaceSelector"], peer.namespace or {})
    else:
        is_in_namespace = peer.same_namespace
    return is_in_namespace and _selects(described.get("podSelector", {}), peer.labels)


def _has_port(ports: list[Document] | None, port: str) -> bool:
    return not ports or port in {f"{each['port']}/{each.get('protocol', 'TCP')}" for each in ports}
