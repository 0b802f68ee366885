/// What to be told about a descriptor.
///
/// Its operations are its own: those of the standard library's sets stay generic in other modules, and a turn of a loop
/// has one for each event.
package struct Interest: Equatable, Sendable {
    let rawValue: UInt8

    /// Errors and the end of both directions alone.
    package static let nothing = Interest(rawValue: 0)
    package static let read = Interest(rawValue: 1)
    package static let write = Interest(rawValue: 2)
    /// To be told once per change instead of in every turn (epoll(7), edge-triggered). It saves the kernel a second
    /// look per event; in return its handler reads and writes until a call does less than it could, or it renews its
    /// watch. `.readsEndShort` is told only with it.
    package static let edges = Interest(rawValue: 4)

    /// Both.
    package static func | (left: Interest, right: Interest) -> Interest {
        Interest(rawValue: left.rawValue | right.rawValue)
    }

    func contains(_ other: Interest) -> Bool { rawValue & other.rawValue == other.rawValue }
}

/// What a descriptor is ready for.
package struct Readiness: Equatable, Sendable {
    let rawValue: UInt8

    package static let readable = Readiness(rawValue: 1)
    package static let writable = Readiness(rawValue: 2)
    /// The peer has gone in both directions, or the descriptor has an error: the next read or write tells.
    package static let hangUp = Readiness(rawValue: 4)
    /// A read that gets less than it could has not read all: the end of the file stands behind it, or a mark of urgent
    /// data (tcp(7)), at which reads stop.
    package static let readsEndShort = Readiness(rawValue: 8)

    package func contains(_ other: Readiness) -> Bool { rawValue & other.rawValue == other.rawValue }

    /// Whether a read that gets less than it could may have left something.
    package var leavesSomething: Bool { rawValue & (Self.hangUp.rawValue | Self.readsEndShort.rawValue) != 0 }
}
