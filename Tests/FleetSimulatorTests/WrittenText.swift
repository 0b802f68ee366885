import Synchronization

/// What was written so far.
final class WrittenText: Sendable {
    private let pieces = Mutex("")

    var text: String { pieces.withLock { $0 } }

    func append(_ piece: String) { pieces.withLock { $0 += piece } }
}
