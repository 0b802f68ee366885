internal import Compression
internal import FleetWire
internal import HarborFleet

/// Reads a track page by page and encodes it, one page at each step. For use by one task only.
final class TrackEncoder {
    /// Next states: `page` → `reading` → `end` → `over`.
    private enum Step {
        /// A page that was read before the encoder began.
        case page(ArraySlice<StoredFix>)
        case reading
        /// The text behind the last fix.
        case end
        case over
    }

    private var pages: TrackPages
    private var writer: any TrackWriter
    private let pieces: TrackPieces
    private var step: Step
    /// Encoded pieces that are large enough to send and have not been handed out yet.
    private var ready: [[UInt8]] = []

    /// - Parameters:
    ///   - first: the first page, which was read with `pages`.
    ///   - compresses: whether to compress with gzip.
    init(
        first: ArraySlice<StoredFix>, _ pages: TrackPages, writer: any TrackWriter, compresses: Bool
    ) throws(CompressionError) {
        self.pages = pages
        self.writer = writer
        pieces = try TrackPieces(compresses: compresses)
        step = .page(first)
        self.writer.begin(count: first.count, to: &pieces.text)
    }

    /// The bytes that the encoder holds, without its streams, which have a fixed size.
    var heldBytes: Int { ready.reduce(pieces.text.count + writer.heldBytes) { $0 + $1.count } }

    /// Whether the next page should be small.
    var holdsLittle: Bool {
        get { pages.progress.pagesAreSmall }
        set { pages.progress.pagesAreSmall = newValue }
    }

    /// Reads and encodes the next page, or a part of the end.
    /// - Returns: whether there was anything left to encode.
    func advance() async throws -> Bool {
        switch step {
        case .over: return false
        case .page(let page):
            step = .reading
            try encode(page)
        case .reading:
            if let page = try await pages.next() { try encode(page) } else { try encodeEnd() }
        case .end: try encodeEnd()
        }
        return true
    }

    /// Takes the next piece of what is encoded.
    func takePiece() -> [UInt8]? { ready.isEmpty ? nil : ready.removeFirst() }

    private func encode(_ page: ArraySlice<StoredFix>) throws(CompressionError) {
        for fix in page {
            writer.append(fix, to: &pieces.text)
            if pieces.isFull { ready.append(try pieces.take()) }
        }
    }

    private func encodeEnd() throws(CompressionError) {
        step = .end
        while !writer.appendEnd(next: pages.cursor, to: &pieces.text) {
            guard pieces.isFull else { continue }
            return ready.append(try pieces.take())
        }
        ready.append(try pieces.take(isLast: true))
        step = .over
    }
}
