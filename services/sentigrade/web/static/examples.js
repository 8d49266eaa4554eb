// Texts to try, written for this page.

export const EXAMPLES = [
  ["Warm", "A warm, funny and well-made film."],
  ["Bored", "An utter bore: flat jokes, wooden acting and no idea how to end."],
  ["Mixed", "The acting is superb and the first half flies by. The ending is a mess and the jokes wear thin."],
  ["Ironic", "Oh great, another two hours of explosions. Just what the world was waiting for."],
  [
    "Long",
    "I went in expecting little, because the trailer gives away every joke it has. For the first twenty minutes I " +
      "felt confirmed: the dialogue is stiff, the music tells you what to feel, and nobody seems to own a lamp. Then " +
      "the grandmother arrives, and the film wakes up. Her scenes with the youngest son are tender, sharp and very " +
      "funny, and the camera finally has the patience to watch two people talk.\n\nThe middle part is wonderful. A " +
      "long dinner, shot in a single take, moves from small talk to disaster without a false note, and I have not " +
      "heard a room laugh and gasp so close together in years. It is a pity that the last act forgets all of this. " +
      "There is a chase, there is a storm, there is a speech on a roof, and none of it belongs to the story that we " +
      "were told. The twist is clumsy and the final scene is plainly dull.\n\nStill, I left the cinema smiling. The " +
      "cast is excellent, the dinner alone is worth the ticket, and the grandmother deserves every prize there is.",
  ],
  ["Emoji", "I laughed 😂, I cried 😭, and I would happily see it again 🍿. Only the soundtrack is terrible 👎🏽."],
  ["Arabic", "فيلم wonderful والتمثيل brilliant، لكن النهاية dull جدًا."],
];
