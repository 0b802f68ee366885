/// The events of a descriptor that a watch asks for.
///
/// It is not an OptionSet: the standard library's set operations stay generic in other modules, and a loop performs one
/// for each event.
package struct Interest: Equatable, Sendable {
    let rawValue: UInt8

    /// Only errors and the end of both directions, which are always reported.
    package static let nothing = Interest(rawValue: 0)
    package static let read = Interest(rawValue: 1)
    package static let write = Interest(rawValue: 2)
    /// Reports a change of readiness once, not in every turn (epoll(7), edge-triggered). It saves the kernel a second
    /// check per event. In return the handler must read and write until a call transfers less than it could, or renew
    /// its watch. `.readsEndShort` is reported only with it.
    package static let edges = Interest(rawValue: 4)

    /// The union of two interests.
    package static func | (left: Interest, right: Interest) -> Interest {
        Interest(rawValue: left.rawValue | right.rawValue)
    }

    func contains(_ other: Interest) -> Bool { rawValue & other.rawValue == other.rawValue }
}

/// The operations that a descriptor is ready for.
package struct Readiness: Equatable, Sendable {
    let rawValue: UInt8

    package static let readable = Readiness(rawValue: 1)
    package static let writable = Readiness(rawValue: 2)
    /// The connection has ended in both directions, or the descriptor has an error. The next read or write returns it.
    package static let hangUp = Readiness(rawValue: 4)
    /// A short read does not mean that nothing is left. The end of the file may follow, or a mark of urgent data
    /// (tcp(7)), at which reads stop.
    package static let readsEndShort = Readiness(rawValue: 8)

    package func contains(_ other: Readiness) -> Bool { rawValue & other.rawValue == other.rawValue }

    /// Whether there may be more to read after a short read.
    package var leavesSomething: Bool { rawValue & (Self.hangUp.rawValue | Self.readsEndShort.rawValue) != 0 }
}
