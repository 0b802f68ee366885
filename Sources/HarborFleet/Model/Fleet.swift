/// A fleet that exists; a removed fleet does not.
package struct Fleet: Sendable, Equatable {
    package var id: FleetID
    package var name: String
    /// A number from the store that differs for each time a fleet of this id is added.
    package var incarnation: Int64

    package init(id: FleetID, name: String, incarnation: Int64 = 0) {
        self.id = id
        self.name = name
        self.incarnation = incarnation
    }
}
