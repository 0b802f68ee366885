internal import Synchronization

/// How many tracks may be under way: each holds a page, and what its client has not taken yet.
final class TrackPlaces: Sendable {
    private let free: Mutex<Int>

    init(_ count: Int) {
        free = Mutex(max(count, 1))
    }

    /// A place, kept for as long as somebody holds it; nil when all are taken.
    func take() -> TrackPlace? {
        let isTaken = free.withLock { free in
            guard free > 0 else { return false }
            free -= 1
            return true
        }
        return isTaken ? TrackPlace { [self] in free.withLock { $0 += 1 } } : nil
    }
}

/// One track's place. An object that gives it back when it goes, however the track ends: answered, cut, or never begun.
final class TrackPlace: Sendable {
    private let giveBack: @Sendable () -> Void

    fileprivate init(_ giveBack: @escaping @Sendable () -> Void) {
        self.giveBack = giveBack
    }

    deinit { giveBack() }
}
