import Testing

@testable import Supervision

@Suite(.timeLimit(.minutes(1))) struct RegistryTests {
    struct Failure: Error {}

    let registry = Registry<String, Int>()

    @Test func olderGeneration_isRefused_alsoAfterTheNewerHasGone() {
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

    @Test func registration_endsWithItsBody_alsoWhenTheBodyThrows() async throws {
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
}
