/// A value that belongs to a loop. It may be passed to other threads, but must be touched on its loop only.
///
/// `@unchecked Sendable`: `value` checks that it is read on the loop, so only the loop touches the value inside.
public struct LoopBound<Value>: @unchecked Sendable {
    public let loop: EventLoop
    @usableFromInline let bound: Value

    @inlinable public init(_ value: Value, on loop: EventLoop) {
        self.loop = loop
        bound = value
    }

    /// The value. Reading it off the loop is a bug of ours and ends the process.
    @inlinable public var value: Value {
        precondition(loop.isCurrent, "a value of \(loop.label) is read off its loop")
        return bound
    }
}
