internal import Compression
internal import Endpoint
internal import HarborFleet

/// Gathers what a track's writer says into pieces worth sending, compresses them where that is wanted, and hands them
/// to the connection.
struct TrackBody: ~Copyable {
    /// Bytes gathered before they are sent.
    private static let pieceBytes = 65_536

    private let connection: BodyWriter
    private let compresses: Bool
    private var deflater: Deflater?
    private var text: [UInt8] = []

    /// - Parameter compresses: with a stream of its own, 256 KiB, for as long as the track lasts.
    init(_ connection: BodyWriter, compresses: Bool) throws(CompressionError) {
        self.connection = connection
        self.compresses = compresses
        deflater = compresses ? try Deflater(format: .gzip, level: 4) : nil
    }

    /// Adds what `write` appends, and sends when there is enough; then it returns when the client may get more.
    mutating func append(_ write: (inout [UInt8]) -> Void) async throws {
        write(&text)
        if text.count >= Self.pieceBytes { try await send(.sync) }
    }

    /// Sends the rest.
    mutating func end() async throws {
        try await send(.finish)
    }

    private mutating func send(_ flush: Deflater.Flush) async throws {
        try await connection.write(try takePiece(flush))
    }

    /// What has gathered, as it is sent.
    private mutating func takePiece(_ flush: Deflater.Flush) throws(CompressionError) -> [UInt8] {
        let gathered = text
        text = []
        text.reserveCapacity(gathered.count)
        guard compresses else { return gathered }
        var piece: [UInt8] = []
        try deflater?.compress(gathered.span, flush: flush, into: &piece)
        return piece
    }
}
