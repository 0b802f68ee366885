internal import StoreCache

/// Decides which tracks read and encode a page now, and which wait. The state decides; `TrackTurns` waits.
///
/// A track keeps its place for one page, not while its client takes the page. Readers take turns, however many
/// tracks each of them has.
struct TrackTurnsState {
    struct Limits: Sendable {
        /// Pages that are read and encoded at a time. Each takes one or two megabytes.
        var places = 16
        /// Of these, the most that one reader may have.
        var placesOfOneReader = 4
        /// A new track is refused when this many wait. Tracks that have begun may always wait.
        var waiting = 512
        /// Of these, the most that one reader may have.
        var waitingOfOneReader = 64
    }

    /// Why a new track may not wait.
    enum Refusal: String, Sendable {
        /// Too many tracks of this reader wait.
        case waitingOfReader = "waiting_of_reader"
        /// Too many tracks wait.
        case waiting
    }

    enum Entrance: Equatable {
        case enters
        /// Waits until `left` returns this track.
        case waits
        case refused(Refusal)
    }

    private struct Reader {
        var places = 0
        /// In the order of arrival.
        var waiting: [UInt64] = []
    }

    private let limits: Limits
    private var readers: [Requester: Reader] = [:]
    /// The readers with waiting tracks, in the order of their turns.
    private var turns: [Requester] = []
    /// The number of places in use.
    private(set) var taken = 0
    private(set) var waiting = 0

    init(limits: Limits) {
        self.limits = limits
    }

    /// Decides whether a track may read a page now.
    /// - Parameter isNew: whether it is the track's first page.
    mutating func arrived(_ track: UInt64, of id: Requester, isNew: Bool) -> Entrance {
        var reader = readers[id] ?? Reader()
        defer { readers[id] = reader.places == 0 && reader.waiting.isEmpty ? nil : reader }
        if taken < limits.places, reader.places < limits.placesOfOneReader, reader.waiting.isEmpty {
            taken += 1
            reader.places += 1
            return .enters
        }
        if isNew {
            guard reader.waiting.count < limits.waitingOfOneReader else { return .refused(.waitingOfReader) }
            guard waiting < limits.waiting else { return .refused(.waiting) }
        }
        if reader.waiting.isEmpty { turns.append(id) }
        reader.waiting.append(track)
        waiting += 1
        return .waits
    }

    /// Frees the place of a track that has its page.
    /// - Returns: the track that gets the place.
    mutating func left(_ id: Requester) -> UInt64? {
        taken -= 1
        readers[id]?.places -= 1
        let next = enterNext()
        forgetIfIdle(id)
        return next
    }

    /// Withdraws a track that no longer wants a place.
    /// - Returns: whether it still waited. If not, it has a place and must call `left`.
    mutating func gaveUp(_ track: UInt64, of id: Requester) -> Bool {
        guard let index = readers[id]?.waiting.firstIndex(of: track) else { return false }
        readers[id]?.waiting.remove(at: index)
        waiting -= 1
        if readers[id]?.waiting.isEmpty ?? true { turns.removeAll { $0 == id } }
        forgetIfIdle(id)
        return true
    }

    private mutating func enterNext() -> UInt64? {
        guard taken < limits.places,
            let turn = turns.firstIndex(where: {
                readers[$0, default: Reader()].places < limits.placesOfOneReader
            }),
            var reader = readers[turns[turn]], !reader.waiting.isEmpty
        else { return nil }
        let id = turns.remove(at: turn)
        let track = reader.waiting.removeFirst()
        reader.places += 1
        readers[id] = reader
        if !reader.waiting.isEmpty { turns.append(id) }
        taken += 1
        waiting -= 1
        return track
    }

    private mutating func forgetIfIdle(_ id: Requester) {
        guard let reader = readers[id], reader.places == 0, reader.waiting.isEmpty else { return }
        readers[id] = nil
    }
}
