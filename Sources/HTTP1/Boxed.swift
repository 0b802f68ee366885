/// A value on the heap. It is for state that is large and rarely present: while it is absent, its owner needs 8 bytes.
///
/// It has value semantics: a change to one copy does not affect the others.
struct Boxed<Value: Sendable>: Sendable {
    /// Exactly one element. An array gives heap memory with value semantics that can be changed in place.
    private var storage: [Value]

    init(_ value: Value) { storage = [value] }

    /// The value.
    var value: Value { storage[0] }

    /// Changes the value in place.
    mutating func update<Result, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(&storage[0])
    }
}
