/// One value per loop, each touched on its loop only, which `LoopBound` checks: memory that needs no lock.
public struct PerLoop<Value>: Sendable {
    @usableFromInline let values: [LoopBound<Value>]

    package init(_ loops: [EventLoop], _ make: () -> Value) {
        values = loops.map { LoopBound(make(), on: $0) }
    }

    /// The value of the loop that calls; nil for a loop that is none of these.
    @inlinable public subscript(loop: EventLoop) -> Value? {
        for value in values where value.loop === loop { return value.value }
        return nil
    }

    /// Runs `body` on each loop with its value.
    package func forEach(_ body: @escaping @Sendable (Value, EventLoop) -> Void) {
        for value in values { value.loop.execute { body(value.value, value.loop) } }
    }
}
