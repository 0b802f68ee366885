internal import Compression

/// Compresses the messages of one direction (RFC 7692 section 7.2.1). It allocates zlib's memory for the first message,
/// and keeps it between messages only if a history is kept.
package final class MessageDeflater {
    /// Holds zlib's stream, which is not copyable.
    private final class Stream {
        var deflater: Deflater

        init(_ deflater: consuming Deflater) { self.deflater = deflater }
    }

    private let parameters: DeflateParameters
    // In small integer types, because each idle connection keeps them.
    private let level: Int8
    private let memoryLevel: Int8
    private let thresholdBytes: Int32
    private var stream: Stream?

    /// - Parameters:
    ///   - parameters: the agreed parameters of the direction in which this side sends.
    ///   - settings: level, memory and threshold.
    package init(_ parameters: DeflateParameters, settings: WebSocketCompression = WebSocketCompression()) {
        self.parameters = parameters
        level = Int8(clamping: settings.level)
        memoryLevel = Int8(clamping: settings.memoryLevel)
        thresholdBytes = Int32(clamping: settings.thresholdBytes)
    }

    /// Compresses a message. RSV1 must be set on its first frame.
    ///
    /// Each result must be sent, in the order of the calls, because the receiver adds it to its history.
    /// - Returns: the payload to send; nil when the message must be sent uncompressed.
    package func compress(_ message: Span<UInt8>) -> [UInt8]? {
        // An empty message cannot become smaller, and for a second one zlib would produce no output at all.
        guard message.count >= max(Int(thresholdBytes), 1) else { return nil }
        defer { if !parameters.keepsHistory { stream = nil } }
        do throws(CompressionError) {
            let stream = try openStream()
            var output: [UInt8] = []
            try stream.deflater.compress(message, flush: .sync, into: &output)
            // Remove the bytes 00 00 FF FF, which the receiver adds again.
            output.removeLast(min(4, output.count))
            return parameters.keepsHistory || output.count < message.count ? output : nil
        } catch {
            // The next message begins a new stream, which refers to no earlier message. So the receiver can read it.
            stream = nil
            return nil
        }
    }

    private func openStream() throws(CompressionError) -> Stream {
        if let stream { return stream }
        let new = Stream(
            try Deflater(
                format: .raw, level: Int(level), windowBits: parameters.windowBits,
                memoryLevel: Int(memoryLevel)))
        stream = new
        return new
    }
}
