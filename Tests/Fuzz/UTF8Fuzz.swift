@testable internal import WebSockets

/// The validator takes exactly the bytes that the standard library takes, however they are cut, and a prefix that
/// it has not refused can still become text.
enum UTF8Fuzz {
    static func check(_ bytes: [UInt8]) {
        let isText = String(validating: bytes, as: UTF8.self) != nil
        require(judge([bytes]).isText == isText, "whole")
        require(judge(Pieces.single(bytes)).isText == isText, "bytes")
        require(judge(Pieces(bytes).all).isText == isText, "pieces")
        let taken = judge(Pieces.single(bytes)).taken
        require(canBecomeText(Array(bytes[..<taken])), "taken too much")
        if taken < bytes.count { require(!canBecomeText(Array(bytes[...taken])), "refused too early") }
    }

    /// Whether all is text, and how many bytes were taken before one was refused.
    private static func judge(_ pieces: [[UInt8]]) -> (isText: Bool, taken: Int) {
        var validator = UTF8Validator()
        var taken = 0
        for piece in pieces {
            guard validator.take(piece.span, from: 0) else { return (false, taken) }
            taken += piece.count
        }
        return (validator.isComplete, taken)
    }

    /// Whether up to three more bytes make it text: the second byte of a character may be confined to either end
    /// of the range, the others are free.
    private static func canBecomeText(_ prefix: [UInt8]) -> Bool {
        let ends: [[UInt8]] = [
            [], [0x80], [0xBF], [0x80, 0x80], [0xBF, 0x80], [0x80, 0x80, 0x80], [0xBF, 0x80, 0x80],
        ]
        return ends.contains { String(validating: prefix + $0, as: UTF8.self) != nil }
    }
}
