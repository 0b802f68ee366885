/// One that gets the messages of a topic. A connection that follows several topics has a member for each. Touched on
/// its loop only.
package protocol Member<Message>: AnyObject {
    associatedtype Message: Sendable

    /// The topic keeps it up to date; `Slot.none` at first.
    var slot: Slot { get set }

    /// Takes the messages of one pass. They are in order, and follow those of the pass before. What was published before
    /// the member joined may be among them.
    func deliver(_ batch: Batch<Message>)
}
