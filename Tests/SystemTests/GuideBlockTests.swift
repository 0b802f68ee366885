import HarborFleetTesting
import Testing

/// The reader of fenced blocks in guides.
@Suite(.timeLimit(.minutes(1))) struct GuideBlockTests {
    private let guide = Guide(
        name: "a guide",
        text: """
            ```sh
            echo unmarked
            ```

            <!-- test: greeting -->

            ```sh
            echo hello
            echo world
            ```
            <!-- test: tree -->
            ```
            server
            ├─ pool          connections
            ├─ a, b
            └─ guard
            ```
            <!-- test: prose -->
            No block follows.
            """)

    @Test func block_isTheFencedBlockBehindItsMarker() throws {
        #expect(try guide.block("greeting") == "echo hello\necho world\n")
    }

    @Test(arguments: ["unknown", "prose"])
    func block_throws_whenNoBlockFollowsItsMarker(name: String) {
        #expect(throws: TestFailure.self) { try guide.block(name) }
    }

    @Test func tree_isTheNamesInOrder_withoutRemarks() throws {
        #expect(try guide.tree("tree") == ["pool", "a", "b", "guard"])
    }
}
