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
    /// What `/ready` says of one check; nil while no server responds.
    func check(_ name: String) async throws -> ReportedCheck? {
        guard let answer = try? await APIClient(port: publicPort).get("/ready") else { return nil }
        return try answer.json(ReportedCheck.Ready.self).checks[name]
    }
}
