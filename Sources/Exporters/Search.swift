/// What a job looks for, among everything that can be told.
package struct Search: Hashable, Sendable {
  package let catalogue: Catalogue
  /// Places in the catalogue of what is looked for, the most wanted first.
  let places: [Int]
  private let takesAny: Bool

  /// `wanted` are names in the catalogue, in the order of preference; with `takesAny` every exposition is welcome.
  package init(_ catalogue: Catalogue, for wanted: [String], takesAny: Bool = false) {
    self.catalogue = catalogue
    self.takesAny = takesAny
    places = wanted.compactMap { name in catalogue.exporters.firstIndex { $0.name == name } }
  }

  /// Whether an exporter of this name, or `Identity.unknownName`, is to be listed.
  package func wants(_ name: String) -> Bool {
    takesAny || places.contains { catalogue.exporters[$0].name == name }
  }
}
