import HarborFleetTesting

@testable import Compression

/// Makes a body of noise, of one repeated byte, of few letters, or of words. It may be empty.
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

/// Compresses `body` into a complete stream.
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

/// Restores a stream that is given in one piece.
func unpack(
    _ packed: [UInt8], _ format: CompressionFormat, windowBits: Int = 15, limit: Int
) throws(CompressionError) -> Unpacked {
    var inflater = try Inflater(format: format, windowBits: windowBits)
    var output: [UInt8] = []
    let progress = try inflater.inflate(packed.span, limit: limit, into: &output)
    return Unpacked(bytes: output, progress: progress)
}

/// The error that refuses a piece; nil when the inflater accepts it.
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

/// The error that refuses a piece; nil when the deflater accepts it.
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
