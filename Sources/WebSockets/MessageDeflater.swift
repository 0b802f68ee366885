internal import Compression

/// Compresses the messages of one direction (RFC 7692 section 7.2.1). Holds no memory of zlib's before the first
/// one, and between two only where a history is kept.
package final class MessageDeflater {
    /// zlib's stream, made when it is needed.
    private final class Stream {
        var deflater: Deflater

        init(_ deflater: consuming Deflater) { self.deflater = deflater }
    }

    private let parameters: DeflateParameters
    // As small as they can be: an idle connection keeps them.
    private let level: Int8
    private let memoryLevel: Int8
    private let thresholdBytes: Int32
    private var stream: Stream?

    /// - Parameters:
    ///   - parameters: of the direction that we send.
    ///   - settings: level, memory and threshold.
    package init(_ parameters: DeflateParameters, settings: WebSocketCompression = WebSocketCompression()) {
        self.parameters = parameters
        level = Int8(clamping: settings.level)
        memoryLevel = Int8(clamping: settings.memoryLevel)
        thresholdBytes = Int32(clamping: settings.thresholdBytes)
    }

    /// The payload of a message's frames with RSV1 set on the first; nil when it has to be sent as it is.
    ///
    /// What is returned must be sent, in this order: the receiver's history grows with it.
    package func compress(_ message: Span<UInt8>) -> [UInt8]? {
        // zlib makes nothing at all of a second empty message, and no message gets smaller than none.
        guard message.count >= max(Int(thresholdBytes), 1) else { return nil }
        defer { if !parameters.keepsHistory { stream = nil } }
        do throws(CompressionError) {
            let stream = try openStream()
            var output: [UInt8] = []
            try stream.deflater.compress(message, flush: .sync, into: &output)
            // 00 00 FF FF, which the receiver puts back.
            output.removeLast(min(4, output.count))
            return parameters.keepsHistory || output.count < message.count ? output : nil
        } catch {
            // A stream that begins anew refers to nothing: the receiver understands it all the same.
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
