internal import EventLoops

/// A list that is gone through in slices, so that a long one does not keep a loop from everything else.
struct SlicedPass<Element> {
    private var elements: [Element]
    private var next = 0
    private let slice: Int

    init(_ elements: [Element], slice: Int) {
        self.elements = elements
        self.slice = max(slice, 1)
    }

    var isDone: Bool { next == elements.count }

    /// The elements whose turn it is; none when all had theirs.
    mutating func nextSlice() -> ArraySlice<Element> {
        let end = min(next + slice, elements.count)
        defer { next = end }
        return elements[next..<end]
    }

    /// Adds one at the end.
    mutating func append(_ element: Element) {
        elements.append(element)
    }
}

extension SlicedPass {
    /// Calls `body` for each element, a slice in this turn of the loop and one in each of the following. On the loop only.
    func run(on loop: EventLoop, _ body: @escaping (Element) -> Void) {
        var pass = self
        for element in pass.nextSlice() { body(element) }
        guard !pass.isDone else { return }
        let rest = LoopBound((pass, body), on: loop)
        loop.execute {
            let (pass, body) = rest.value
            pass.run(on: loop, body)
        }
    }
}
