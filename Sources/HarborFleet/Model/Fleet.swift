/// A fleet that exists (one that was removed does not).
package struct Fleet: Sendable, Equatable {
    package var id: FleetID
    package var name: String
    /// Another number for each time that a fleet of this id was added; given by the store.
    package var incarnation: Int64

    package init(id: FleetID, name: String, incarnation: Int64 = 0) {
        self.id = id
        self.name = name
        self.incarnation = incarnation
    }
}
