import HTTPTypes

/// Parses and checks a request's head.
typealias RequestHeadScanner = MessageHeadScanner<RequestLine>

extension MessageHeadScanner<RequestLine> {
    /// Checks the head as a whole, after `scan` has found its end.
    /// - Parameter bytes: all bytes of the head.
    func head(_ bytes: [UInt8]) throws(RequestError) -> RequestHead {
        do throws(RequestError) {
            return try checkedHead(bytes)
        } catch {
            throw error.of(bytes.span)
        }
    }

    private func checkedHead(_ bytes: [UInt8]) throws(RequestError) -> RequestHead {
        guard let line else { throw RequestError(.syntax, "The head has no request line.") }
        let authority = try checkedAuthority(line, bytes)
        let framing = try bodyFraming(line.version)
        let isHTTP11 = line.version == .http11
        guard !facts.expectsMore || !isHTTP11 else {
            throw RequestError(.expectation, "The only supported expectation is 100-continue.")
        }
        return RequestHead(
            method: line.method, version: line.version, bodyFraming: framing,
            keepAlive: !facts.closes && (isHTTP11 || facts.staysOpen),
            expectsContinue: facts.expectsContinue && isHTTP11 && framing != .none && framing != .length(0),
            upgradesToWebSocket: facts.upgrades && facts.offersWebSocket && isHTTP11 && line.method == .get,
            bytes: bytes, lineTarget: line.target, authority: authority, fieldRanges: block.fields)
    }

    /// RFC 9112 section 3.2 requires exactly one valid `Host` in HTTP/1.1, and allows at most one in HTTP/1.0. An
    /// absolute target's host overrides it (section 3.2.2). Without an absolute target, an empty `Host` would give an
    /// http URI without a host, which RFC 9110 section 4.2.1 forbids.
    private func checkedAuthority(_ line: RequestLine, _ bytes: [UInt8]) throws(RequestError) -> ByteRange? {
        guard facts.hostCount <= 1 else { throw RequestError(.host, "Host is repeated.") }
        guard facts.hostCount == 1 || line.version == .http10 else {
            throw RequestError(.host, "Host is missing.")
        }
        let host = facts.host
        guard host.isEmpty || HostSyntax.isValid(bytes.span, host.start..<host.end) else {
            throw RequestError(.host, "Host is not a valid host.")
        }
        guard line.target.authority == nil else { return line.target.authority }
        guard !host.isEmpty || line.version == .http10 else { throw RequestError(.host, "Host is empty.") }
        return host.isEmpty ? nil : host
    }

    /// Finds the body's end by RFC 9112 section 6.3. Anything ambiguous is an error.
    private func bodyFraming(_ version: HTTPVersion) throws(RequestError) -> BodyFraming {
        guard facts.codings.isPresent else { return facts.contentLength.map { .length($0) } ?? .none }
        guard version == .http11 || facts.contentLength != nil else {
            throw RequestError(.framing, "Transfer-Encoding is not part of HTTP/1.0.")
        }
        guard let framing = try facts.declaredFraming() else {
            throw RequestError(.framing, "Transfer-Encoding does not end with chunked.")
        }
        return framing
    }
}
