import HarborFleetTesting
import Supervision
import Testing

@Suite("Registry", .timeLimit(.minutes(1)))
struct RegistryTests {
    struct Failure: Error {}

    let registry = Registry<String, Int>()

    @Test func `An older generation is refused, also after the newer has gone`() {
        #expect(registry.register(2, for: "key", generation: 2))
        #expect(!registry.register(1, for: "key", generation: 1))
        registry.unregister("key", generation: 1)
        #expect(registry.value(for: "key") == 2)
        registry.unregister("key", generation: 2)
        #expect(registry.value(for: "key") == nil)
        #expect(!registry.register(1, for: "key", generation: 1))
        registry.forget("key")
        #expect(registry.register(1, for: "key", generation: 1))
    }

    @Test func `A generation is newer than all given or seen`() {
        #expect(registry.register(1, for: "key", generation: 7))
        #expect(registry.nextGeneration() == 8)
        #expect(registry.nextGeneration() == 9)
    }

    @Test func `A registration ends with its body, also when that throws`() async throws {
        let during = try await registry.withRegistration(of: 1, for: "key", generation: 1) {
            registry.value(for: "key")
        }
        #expect(during == 1)
        #expect(registry.value(for: "key") == nil)
        await #expect(throws: Failure.self) {
            try await registry.withRegistration(of: 2, for: "key", generation: 2) { throw Failure() }
        }
        #expect(registry.value(for: "key") == nil)
        await #expect(throws: RegistryError.outdated) {
            try await registry.withRegistration(of: 1, for: "key", generation: 1) {}
        }
    }

    @Test func `Of many who ask at once only one starts`() async throws {
        let (registry, starts, gate) = (registry, EventRecorder<Int>(), Mailbox<Bool>(capacity: 1))
        let values = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<50 {
                group.addTask {
                    try await registry.value(for: "key") {
                        starts.record(number)
                        _ = await gate.receive()
                        #expect(registry.register(42, for: "key", generation: 1))
                        return 42
                    }
                }
            }
            await starts.wait { $0.count == 1 }
            #expect(gate.send(true))
            return try await group.reduce(into: [Int]()) { $0.append($1) }
        }
        #expect(values == Array(repeating: 42, count: 50))
        #expect(starts.events.count == 1)
    }

    @Test func `A failed start reaches the caller, and the next call starts again`() async throws {
        await #expect(throws: Failure.self) { try await registry.value(for: "key") { throw Failure() } }
        #expect(try await registry.value(for: "key") { 7 } == 7)
    }

    @Test func `When the caller that starts is cancelled another starts`() async throws {
        let (registry, starts) = (registry, EventRecorder<String>())
        let leader = Task {
            try await registry.value(for: "key") {
                starts.record("leader")
                _ = await Mailbox<Bool>(capacity: 1).receive()
                throw CancellationError()
            }
        }
        await starts.wait(for: "leader")
        let follower = Task {
            try await registry.value(for: "key") {
                starts.record("follower")
                return 7
            }
        }
        await Task.yield()
        leader.cancel()
        #expect(try await follower.value == 7)
        await #expect(throws: CancellationError.self) { try await leader.value }
        #expect(starts.events == ["leader", "follower"])
    }
}
