import HarborFleetTesting

@testable import Compression

/// A body of some kind: noise, one byte, words, or nothing.
func sample(_ generator: inout SeededGenerator, upTo length: Int) -> [UInt8] {
    let count = Int.random(in: 0...length, using: &generator)
    switch Int.random(in: 0..<4, using: &generator) {
    case 0: return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
    case 1: return [UInt8](repeating: UInt8.random(in: 0...255, using: &generator), count: count)
    case 2: return (0..<count).map { _ in UInt8.random(in: 97...100, using: &generator) }
    default:
        let words = ["vehicle", "position", "{\"lat\":", "53.54", ","].map { Array($0.utf8) }
        return Array((0..<(count / 6)).flatMap { _ in words.randomElement(using: &generator) ?? [] })
    }
}

/// A whole stream.
func pack(_ body: [UInt8], _ format: CompressionFormat) throws(CompressionError) -> [UInt8] {
    var deflater = try Deflater(format: format, level: 6)
    var output: [UInt8] = []
    try deflater.compress(body.span, flush: .finish, into: &output)
    return output
}

struct Unpacked {
    let bytes: [UInt8]
    let progress: ZlibProgress
}

/// What a stream holds, given at once.
func unpack(
    _ packed: [UInt8], _ format: CompressionFormat, windowBits: Int = 15, limit: Int
) throws(CompressionError) -> Unpacked {
    var inflater = try Inflater(format: format, windowBits: windowBits)
    var output: [UInt8] = []
    let progress = try inflater.inflate(packed.span, limit: limit, into: &output)
    return Unpacked(bytes: output, progress: progress)
}

/// Why a piece is refused; nil when it is not.
func refusal(
    _ piece: [UInt8], by inflater: inout Inflater, limit: Int, into output: inout [UInt8]
) -> CompressionError? {
    do throws(CompressionError) {
        _ = try inflater.inflate(piece.span, limit: limit, into: &output)
        return nil
    } catch {
        return error
    }
}

/// Why a piece cannot be added; nil when it can.
func refusal(
    _ piece: [UInt8], by deflater: inout Deflater, into output: inout [UInt8]
) -> CompressionError? {
    do throws(CompressionError) {
        try deflater.compress(piece.span, flush: .sync, into: &output)
        return nil
    } catch {
        return error
    }
}
