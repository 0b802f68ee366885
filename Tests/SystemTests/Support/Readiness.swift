import HarborFleetTesting

/// One of the checks of `/ready`.
struct ReadinessAnswer: Decodable, Equatable {
    let status: String
    let detail: String

    fileprivate struct Ready: Decodable {
        let checks: [String: ReadinessAnswer]
    }
}

extension ServerProcess {
    /// What `/ready` says of one check; nil while nobody answers.
    func check(_ name: String) async throws -> ReadinessAnswer? {
        guard let answer = try? await APIClient(port: publicPort).get("/ready") else { return nil }
        return try answer.json(ReadinessAnswer.Ready.self).checks[name]
    }
}
