/// A fleet that exists (one that was removed does not).
package struct Fleet: Sendable, Equatable {
    package var id: FleetID
    package var name: String

    package init(id: FleetID, name: String) {
        self.id = id
        self.name = name
    }
}
