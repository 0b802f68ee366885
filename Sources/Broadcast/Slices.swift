package import EventLoops

/// Processes a list in slices, one in each turn of a loop, so that a long list does not delay the loop's other work.
///
///     Slices(sessions).run(on: loop, as: work) { $0.close() }
package struct Slices<Element> {
    /// The number of elements in a slice. 256 sends take some hundred microseconds.
    static var size: Int { 256 }

    private var elements: [Element]
    private var done = 0

    package init(_ elements: some Sequence<Element>) {
        self.elements = Array(elements)
    }

    var isDone: Bool { done == elements.count }

    /// The elements of the next slice; empty after the last one.
    mutating func next() -> ArraySlice<Element> {
        let start = done
        done += min(Self.size, elements.count - done)
        return elements[start..<done]
    }

    /// Adds an element at the end.
    mutating func append(_ element: Element) {
        elements.append(element)
    }

    /// Calls `body` for each element: one slice in this turn of the loop, and one in each of the next turns. It must
    /// be called on the loop.
    /// - Parameter work: the name of these turns in reports of long turns.
    package func run(on loop: EventLoop, as work: TurnWork, _ body: @escaping (Element) -> Void) {
        var slices = self
        loop.begins(work)
        for element in slices.next() { body(element) }
        guard !slices.isDone else { return }
        let rest = LoopBound((slices, body), on: loop)
        loop.execute {
            let (slices, body) = rest.value
            slices.run(on: loop, as: work, body)
        }
    }
}
