import HarborFleetTesting
import Testing

/// What the kernel says of the process meanwhile.
extension Conformance.Abuse {
    /// Waits by the kernel's clock: nothing comes on the connection meanwhile.
    private static func rest(_ seconds: Int, _ server: ConformanceServer) async throws {
        let quiet = try server.connect(timeoutSeconds: seconds)
        await #expect(throws: RawClient.Failure.self) { try await quiet.someBytes() }
    }

    @Test(.enabled(if: ConformanceServer.named == nil, "a process elsewhere cannot be looked at"))
    func idleConnections_wakeNobodyUp() async throws {
        let server = try await ConformanceServer.abused.value
        let use = ProcessUse(id: try #require(server.process?.processID))
        var idle: [RawClient] = []
        for _ in 0..<300 {
            let client = try server.connect()
            try await client.send(Conformance.Abuse.get)
            #expect(try await client.response().status == 200)
            idle += [client, try await EchoCase.open(server)]
        }
        let before = (use.processorTime, use.sleeps)
        try await Self.rest(3, server)
        #expect(use.processorTime - before.0 <= .milliseconds(150))
        // Loops that ticked would sleep 125 times a second each; the database is asked a few times.
        #expect(use.sleeps - before.1 < 500)
        withExtendedLifetime(idle) {}
    }

    /// accept(2), EMFILE: the listening socket stays readable, and whoever waits on it must not spin.
    @Test(.enabled(if: ConformanceServer.named == nil, "a process elsewhere cannot be looked at"))
    func withoutDescriptors_theListenerRests_andLaterServesWhoWaited() async throws {
        let server = try await ConformanceServer.abused.value
        let use = ProcessUse(id: try #require(server.process?.processID))
        let known = try server.connect()
        try await known.send(Conformance.Abuse.get)
        #expect(try await known.response().status == 200)
        let old = use.limitDescriptors(to: use.descriptors + 3)
        try #require(old > 0)
        var waiting: [RawClient] = []
        for _ in 0..<40 {
            let client = try server.connect()
            try await client.send(Conformance.Abuse.get)
            waiting.append(client)
        }
        let before = use.processorTime
        let quiet = try server.connect(timeoutSeconds: 2)
        await #expect(throws: RawClient.Failure.self) { try await quiet.someBytes() }
        #expect(use.processorTime - before <= .milliseconds(200))
        // Who is connected is served as before.
        try await known.send(Conformance.Abuse.get)
        #expect(try await known.response().status == 200)
        #expect(use.limitDescriptors(to: old) > 0)
        for client in waiting { #expect(try await client.response().status == 200) }
    }
}
