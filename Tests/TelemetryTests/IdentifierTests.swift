import Testing

@testable import Telemetry

@Suite("Identifiers")
struct IdentifierTests {
    @Test func `UUIDs rise within a millisecond, past the counter and when the clock goes back`() {
        var state = UUIDv7State()
        var made: [UUIDv7] = []
        for _ in 0..<5000 { made.append(state.next(milliseconds: 1000, seed: 0xffff, random: .max)) }
        made.append(state.next(milliseconds: 900, seed: 0, random: 0))
        made.append(state.next(milliseconds: 1010, seed: 0, random: 0))
        #expect(zip(made, made.dropFirst()).allSatisfy { $0 < $1 })
        #expect(made.first?.milliseconds == 1000)
        #expect(made.last?.milliseconds == 1010)
    }

    @Test func `A UUID has version 7, its variant, and the RFC's form`() throws {
        // RFC 9562, appendix A.6: 2022-02-22T19:22:22Z.
        var state = UUIDv7State()
        let uuid = state.next(milliseconds: 0x017F_22E2_79B0, seed: 0x4C3, random: 0x18C4_DC0C_0C07_398F)
        #expect(uuid.description == "017f22e2-79b0-74c3-98c4-dc0c0c07398f")
        #expect(uuid.bytes.count == 16)
        #expect(uuid.bytes.prefix(7) == [0x01, 0x7F, 0x22, 0xE2, 0x79, 0xB0, 0x74])
        #expect(UUIDv7(uuid.description) == uuid)
        #expect(UUIDv7("017F22E2-79B0-74C3-98C4-DC0C0C07398F") == uuid)
    }

    @Test(arguments: [
        "", "017f22e2-79b0-44c3-98c4-dc0c0c07398f", "017f22e2-79b0-74c3-18c4-dc0c0c07398f",
        "017f22e2079b0-74c3-98c4-dc0c0c07398f", "017f22e2-79b0-74c3-98c4-dc0c0c07398g",
        "017f22e2-79b0-74c3-98c4-dc0c0c07398f0", "é17f22e2-79b0-74c3-98c4-dc0c0c07398",
    ])
    func `What is no UUID of version 7 is refused`(_ text: String) {
        #expect(UUIDv7(text) == nil)
    }

    @Test func `Generated ids are sane, unique and rising`() {
        let ids = (0..<1000).map { _ in RequestID.generate() }
        #expect(ids.allSatisfy(RequestID.isSane))
        #expect(ids == ids.sorted() && Set(ids).count == 1000)
    }

    @Test func `A client's id is kept only when it is sane`() {
        #expect(RequestID.accepting("Az09._-") == "Az09._-")
        #expect(RequestID.isSane(String(repeating: "a", count: 128)))
        let refused = ["", "a b", "a\r\nb", "é", "a/b", String(repeating: "a", count: 129)]
        for id in refused { #expect(RequestID.accepting(id) != id) }
        #expect(RequestID.accepting(nil).count == 36)
    }
}

@Suite("traceparent")
struct TraceParentTests {
    let example = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    @Test func `The specification's example is read and written again`() throws {
        let parent = try #require(TraceParent(example))
        #expect(parent.traceID == "4bf92f3577b34da6a3ce929d0e0e4736")
        #expect(parent.parentID == 0x00f0_67aa_0ba9_02b7)
        #expect(parent.isSampled)
        #expect(parent.description == example)
    }

    @Test(arguments: [
        "", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01x",
    ])
    func `A malformed value is refused`(_ header: String) {
        #expect(TraceParent(header) == nil)
    }

    @Test func `Of a later version the known fields are taken`() throws {
        let later = "01" + example.dropFirst(2) + "-future"
        #expect(TraceParent(later)?.description == example)
    }

    @Test func `A child keeps the trace and has a parent of its own`() throws {
        let parent = TraceParent.root(isSampled: true)
        let child = parent.child()
        #expect(child.traceID == parent.traceID && child.isSampled)
        #expect(child.parentID != parent.parentID)
        #expect(TraceParent(child.description) == child)
    }
}
