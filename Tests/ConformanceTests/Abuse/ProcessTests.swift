import HarborFleetTesting
import Testing

/// What the kernel says of the server's process.
extension Conformance.Abuse {
    /// Waits for a time in which the server has nothing to do. Nothing arrives on the connection, so its time-out ends.
    private static func rest(_ seconds: Int, _ server: ConformanceServer) async throws {
        let quiet = try server.connect(timeoutSeconds: seconds)
        await #expect(throws: RawClient.Failure.self) { try await quiet.someBytes() }
    }

    @Test(.enabled(if: ConformanceServer.named == nil, "a process elsewhere cannot be looked at"))
    func idleConnections_costNoProcessorTime() async throws {
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
        // A loop that ticked would sleep 125 times a second. The database is asked a few times.
        #expect(use.sleeps - before.1 < 500)
        withExtendedLifetime(idle) {}
    }

    /// accept(2), EMFILE: the listening socket stays readable, and the loop that waits on it must not spin.
    @Test(.enabled(if: ConformanceServer.named == nil, "a process elsewhere cannot be looked at"))
    func listener_rests_whenNoDescriptorIsLeft_andServesTheWaitingClientsLater() async throws {
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
        try await Self.rest(2, server)
        #expect(use.processorTime - before <= .milliseconds(200))
        // An open connection is served as before.
        try await known.send(Conformance.Abuse.get)
        #expect(try await known.response().status == 200)
        #expect(use.limitDescriptors(to: old) > 0)
        for client in waiting { #expect(try await client.response().status == 200) }
    }
}
