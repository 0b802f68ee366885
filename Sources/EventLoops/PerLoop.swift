/// Holds one value for each loop, which needs no lock. Each value is touched on its loop only,
/// which `LoopBound` checks.
public struct PerLoop<Value>: Sendable {
    @usableFromInline let values: [LoopBound<Value>]

    package init(_ loops: [EventLoop], _ make: () -> Value) {
        values = loops.map { LoopBound(make(), on: $0) }
    }

    /// The value of `loop`; nil for a loop that has no value here. Call it on that loop.
    @inlinable public subscript(loop: EventLoop) -> Value? {
        for value in values where value.loop === loop { return value.value }
        return nil
    }

    /// Runs `body` on each loop with its value.
    package func forEach(_ body: @escaping @Sendable (Value, EventLoop) -> Void) {
        for value in values { value.loop.execute { body(value.value, value.loop) } }
    }
}
