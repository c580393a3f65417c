package io.cema.demo;

import java.util.random.RandomGenerator;

/** Draws the numbers 0..size-1 without putting back, and shuffles anew when all have been drawn. */
final class Deck {
    private final int[] cards;
    private int next;

    Deck(int size) {
        cards = new int[size];
        for (int i = 0; i < size; i++) {
            cards[i] = i;
        }
        next = size;
    }

    int draw(RandomGenerator random) {
        if (next == cards.length) {
            for (int i = cards.length - 1; i > 0; i--) {
                int other = random.nextInt(i + 1);
                int card = cards[i];
                cards[i] = cards[other];
                cards[other] = card;
            }
            next = 0;
        }
        return cards[next++];
    }
}
