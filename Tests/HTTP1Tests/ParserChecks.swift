import HTTPTypes
import HarborFleetTesting
import Testing

@testable import HTTP1

/// The bytes of a text.
func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

/// Parses a text whole, twice with a cache, and in pieces of many lengths, and expects the same result each time.
func transcript(
    _ text: [UInt8], limits: HTTPLimits = HTTPLimits(), location: SourceLocation = #_sourceLocation
) -> RequestTranscript {
    let whole = RequestTranscript(text, limits: limits)
    var cache = HeadCache()
    for round in ["first", "second"] {
        #expect(
            RequestTranscript(pieces: [text], limits: limits, cache: &cache) == whole,
            "the \(round) time with a cache", sourceLocation: location)
    }
    for piece in pieces(text.count) {
        #expect(
            RequestTranscript(text, pieceBytes: piece, limits: limits) == whole, "in pieces of \(piece)",
            sourceLocation: location)
    }
    return whole
}

func transcript(_ text: String, location: SourceLocation = #_sourceLocation) -> RequestTranscript {
    transcript(bytes(text), location: location)
}

/// Every length for short inputs, and a few lengths for long ones.
private func pieces(_ count: Int) -> [Int] {
    guard count > 300 else { return Array(1...max(1, count)) }
    return [1, 2, 3, 7, 64, 1000, 4096, 8191, 8192, 8193].filter { $0 < count }
}

/// The head of a text that is one request.
func head(_ text: String, location: SourceLocation = #_sourceLocation) throws -> RequestHead {
    var parser = RequestParser()
    var offset = 0
    let input = bytes(text)
    guard
        case .head(let head) = try #require(
            try parser.next(input.span, &offset, limits: HTTPLimits()), sourceLocation: location)
    else {
        Issue.record("no head", sourceLocation: location)
        throw RequestError(.syntax, "no head")
    }
    return head
}

/// The kind of error in which a text ends.
func errorKind(_ text: String, location: SourceLocation = #_sourceLocation) -> RequestError.Kind? {
    transcript(text, location: location).error?.kind
}
