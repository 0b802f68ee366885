/// A value that belongs to a loop and may be carried elsewhere, but touched on its loop only.
///
/// `@unchecked Sendable`: `value` checks that it is read on the loop, which alone touches what is inside.
public struct LoopBound<Value>: @unchecked Sendable {
    public let loop: EventLoop
    @usableFromInline let bound: Value

    @inlinable public init(_ value: Value, on loop: EventLoop) {
        self.loop = loop
        bound = value
    }

    /// The value; reading it off the loop is our own bug and ends the process.
    @inlinable public var value: Value {
        precondition(loop.isCurrent, "a value of \(loop.label) is read elsewhere")
        return bound
    }
}
