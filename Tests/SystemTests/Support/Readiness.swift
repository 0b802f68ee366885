import HarborFleetTesting

/// One of the checks of `/ready`.
struct ReportedCheck: Decodable, Equatable {
    let status: String
    let detail: String

    fileprivate struct Ready: Decodable {
        let checks: [String: ReportedCheck]
    }
}

extension ServerProcess {
    /// The result of one check in the response to `GET /ready`; nil while no server responds.
    func check(_ name: String) async throws -> ReportedCheck? {
        guard let response = try? await APIClient(port: publicPort).get("/ready") else { return nil }
        return try response.json(ReportedCheck.Ready.self).checks[name]
    }

    /// Returns once a check of `/ready` meets a condition. A check is made at each request, and its changes are not
    /// announced.
    func waitForCheck(
        _ name: String, within limit: Duration = .seconds(30), _ condition: (ReportedCheck) -> Bool
    ) async throws {
        try await waitUntil(within: limit) { try await check(name).map(condition) ?? false }
    }

    /// Returns once `/ready` fails, as a load balancer finds out: by asking.
    func waitUntilNotReady(within limit: Duration = .seconds(30)) async throws {
        try await waitUntil(within: limit) { try await !isReady() }
    }
}
