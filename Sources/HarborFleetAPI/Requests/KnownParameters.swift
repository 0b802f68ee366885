internal import Endpoint
internal import HTTP1
internal import TextFormats

/// The query parameters that a call accepts. It refuses any other: a client that asks for a part by an unknown
/// name would otherwise get the whole and mistake it for that part.
struct KnownParameters: Sendable {
    private let names: [String]
    /// Parameters that the API reserves and this version does not support yet.
    private let planned: [String]

    /// For calls without parameters.
    static let none = KnownParameters([])

    init(_ names: [String], planned: [String] = []) {
        self.names = names
        self.planned = planned
    }

    /// - Throws: `Problem` 400. Costs nothing for a request without a query.
    func check(_ request: Request) throws(Problem) {
        guard request.head.query != nil else { return }
        let places = places(of: request.query)
        guard places.isEmpty else { throw .invalidParameters(places) }
    }

    /// The invalid parameters: each name once, in the order of the query.
    func places(of query: QueryParameters) -> [Problem.Place] {
        var seen: [String: Int] = [:]
        var places: [Problem.Place] = []
        for pair in query.pairs where places.count < Problem.maximumErrors {
            seen[pair.name, default: 0] += 1
            guard let detail = detail(of: pair.name, count: seen[pair.name] ?? 1) else { continue }
            places.append(.init(parameter: pair.name, detail: detail))
        }
        return places
    }

    /// - Parameter count: how often the name has occurred so far, this time included.
    private func detail(of name: String, count: Int) -> String? {
        guard names.contains(name) else {
            guard count == 1 else { return nil }
            return planned.contains(name) ? "is not supported by this version yet" : unknown
        }
        return count == 2 ? "must not be given twice" : nil
    }

    private var unknown: String {
        guard let last = names.last else { return "is unknown: this call accepts no parameters" }
        guard names.count > 1 else { return "is unknown: this call accepts \(last)" }
        return "is unknown: this call accepts \(names.dropLast().joined(separator: ", ")) and \(last)"
    }
}

extension Problem {
    /// - Parameter places: the invalid places of the query; `detail` repeats the first one.
    static func invalidParameters(_ places: [Place]) -> Problem {
        let first = places.first.map { ": \($0.pointer.dropFirst()) \($0.detail)" } ?? ""
        return Problem(
            .badRequest, "invalid-parameters",
            detail: "A parameter of the query is not valid\(first).", errors: places)
    }
}

extension Problem.Place {
    /// - Parameter parameter: its name, which a client may have made up.
    init(parameter: String, detail: String) {
        self.init(pointer: JSONPointer.token(Array(parameter.utf8)), detail: detail)
    }
}
