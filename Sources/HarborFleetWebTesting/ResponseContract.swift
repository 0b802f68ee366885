internal import Compression
internal import HarborFleetAPI
package import HarborFleetTesting

/// What the OpenAPI document says about responses: per route and status the fields and the schema of the body.
package struct ResponseContract: Sendable {
    /// The contract of the document that the server publishes.
    package static let published = Result { try ResponseContract(OpenAPIController.document.bytes) }

    fileprivate struct Operation {
        let method: String
        /// The parts of the path; one in braces stands for any part.
        let path: [Substring]
        let responses: [Int: ResponseRules]
    }

    fileprivate struct ResponseRules {
        let fields: [String: Field]
        /// The schemas of the body, by media type.
        let bodies: [String: JSONSchema]
    }

    fileprivate struct Field {
        let isRequired: Bool
        let schema: JSONSchema
    }

    /// The largest body after decompression, in bytes.
    private static let bodyLimit = 67_108_864
    private static let problemType = "application/problem+json"
    private static let schemas = "#/components/schemas"

    private let definitions: JSONSchema.Definitions
    private let operations: [Operation]

    /// - Throws: `TestFailure` when a schema of the document has a keyword that the validator does not know.
    package init(_ document: [UInt8]) throws {
        let document = try JSONValue(json: document)
        let named = try document.value(at: Self.schemas).members().map {
            ("\(Self.schemas)/\($0.key)", try JSONSchema($0.value))
        }
        definitions = Dictionary(uniqueKeysWithValues: named)
        operations = try document.value(at: "#/paths").members().flatMap { path, item in
            try item.members().compactMap { try Operation($0.key, path, $0.value, in: document) }
        }
    }

    /// Checks a response of the server.
    /// - Parameters:
    ///   - body: nil when the client has not read it, as after HEAD.
    ///   - target: of the request.
    /// - Throws: `TestFailure` when the document does not describe such a response.
    func check(_ head: RawResponse, body: [UInt8]?, to method: String, _ target: String) throws {
        let path = target.prefix { $0 != "?" }
        guard let rules = try rules(for: head.status, method, path) else {
            // The document does not describe the route or the method: only the form of a problem is known.
            guard let body, Self.mediaType(head) == Self.problemType else { return }
            return try require(violations(of: body, "Problem"), head, method, target)
        }
        var found = rules.fieldViolations(head, definitions)
        if let body { found += try bodyViolations(rules, head, body, isForPrograms: path.hasPrefix("/api/")) }
        try require(found, head, method, target)
    }

    /// What a JSON text does against a schema of the document, `Vehicle`.
    package func violations(of json: [UInt8], _ name: String) throws -> [String] {
        guard let schema = definitions["\(Self.schemas)/\(name)"] else {
            throw TestFailure("the document has no schema \(name)")
        }
        return schema.violations(of: try JSONValue(json: json), definitions).map(\.description)
    }

    private func require(
        _ violations: [String], _ head: RawResponse, _ method: String, _ target: String
    ) throws {
        guard !violations.isEmpty else { return }
        throw TestFailure(
            "the document does not describe this response \(head.status) to \(method) \(target): "
                + violations.joined(separator: "; "))
    }

    /// - Returns: nil when the document does not describe the route or the method.
    private func rules(for status: Int, _ method: String, _ path: Substring) throws -> ResponseRules? {
        let parts = path.split(separator: "/")
        let described = method == "HEAD" ? "GET" : method
        let operation = operations.first { operation in
            operation.method == described && operation.path.count == parts.count
                && zip(operation.path, parts).allSatisfy { $0 == $1 || $0.hasPrefix("{") }
        }
        guard let operation else { return nil }
        guard let rules = operation.responses[status] else {
            throw TestFailure("the document has no response \(status) to \(method) \(path)")
        }
        return rules
    }

    private func bodyViolations(
        _ rules: ResponseRules, _ head: RawResponse, _ body: [UInt8], isForPrograms: Bool
    ) throws -> [String] {
        let type = Self.mediaType(head)
        // A browser gets a page for an error, which the document does not describe.
        if type == "text/html" && head.status >= 400 && !isForPrograms { return [] }
        guard !rules.bodies.isEmpty && head.status >= 200 else {
            return body.isEmpty ? [] : ["the body is not empty"]
        }
        guard let schema = rules.bodies[type] else { return ["the media type is \(type)"] }
        let plain = try Self.decoded(body, head)
        guard type.hasSuffix("json") else {
            let text = JSONValue.string(String(decoding: plain, as: UTF8.self))
            return schema.violations(of: text, definitions).map(\.description)
        }
        let value = try JSONValue(json: plain)
        return schema.violations(of: value, definitions).map(\.description)
    }

    private static func mediaType(_ head: RawResponse) -> String {
        (head["content-type"] ?? "").prefix { $0 != ";" }.lowercased()
    }

    private static func decoded(_ body: [UInt8], _ head: RawResponse) throws -> [UInt8] {
        guard head["content-encoding"] == "gzip" else { return body }
        var decoder = try GzipDecoder()
        return try decoder.decode(body.span, limit: bodyLimit)
    }
}

extension ResponseContract.Operation {
    /// - Returns: nil for a member of a path that is no operation, such as its parameters.
    fileprivate init?(_ method: String, _ path: String, _ operation: JSONValue, in document: JSONValue) throws
    {
        guard let described = operation["responses"] else { return nil }
        self.method = method.uppercased()
        self.path = path.split(separator: "/")
        var responses: [Int: ResponseContract.ResponseRules] = [:]
        for (status, response) in try described.members() {
            responses[try required(Int(status))] = try ResponseContract.ResponseRules(response, in: document)
        }
        self.responses = responses
    }
}

extension ResponseContract.ResponseRules {
    fileprivate init(_ response: JSONValue, in document: JSONValue) throws {
        let response = try response.resolved(in: document)
        fields = try (response["headers"]?.members() ?? [:]).mapValues { header in
            let header = try header.resolved(in: document)
            return ResponseContract.Field(
                isRequired: header["required"] == .boolean(true),
                schema: try JSONSchema(required(header["schema"])))
        }
        bodies = try (response["content"]?.members() ?? [:]).mapValues {
            try JSONSchema(required($0["schema"]))
        }
    }

    fileprivate func fieldViolations(
        _ head: RawResponse, _ definitions: JSONSchema.Definitions
    ) -> [String] {
        fields.flatMap { name, field -> [String] in
            guard let text = head[name] else { return field.isRequired ? ["there is no \(name)"] : [] }
            // A field is text. For a schema of numbers it is the number that the text writes.
            let values: [JSONValue] = [.string(text)] + (Double(text).map { [.number($0)] } ?? [])
            let found = values.map { field.schema.violations(of: $0, definitions) }
            return found.contains([]) ? [] : found[0].map { "\(name): \($0)" }
        }
    }
}

extension JSONValue {
    /// The value that a reference names, or the value itself.
    fileprivate func resolved(in document: JSONValue) throws -> JSONValue {
        guard let reference = self["$ref"] else { return self }
        return try document.value(at: reference.string())
    }
}

extension RawMessage {
    /// The response, when the OpenAPI document describes it.
    /// - Parameter target: of the request.
    package func checked(asResponseTo method: String, _ target: String) throws -> RawMessage {
        // The client does not read a body whose length the head does not tell.
        let isRead = method != "HEAD" && self["transfer-encoding"] == nil
        try ResponseContract.published.get().check(self, body: isRead ? body : nil, to: method, target)
        return self
    }
}

extension RawStreamedResponse {
    /// The response, when the OpenAPI document describes it. Of a body that was cut only the head is checked.
    package func checked(asResponseTo method: String, _ target: String) throws -> RawStreamedResponse {
        let isRead = method != "HEAD" && isWhole
        try ResponseContract.published.get().check(head, body: isRead ? body : nil, to: method, target)
        return self
    }
}

extension RawClient {
    /// Receives a response, which the OpenAPI document must describe.
    package func response(to method: String, _ target: String) async throws -> RawResponse {
        try await response(hasBody: method != "HEAD").checked(asResponseTo: method, target)
    }
}
