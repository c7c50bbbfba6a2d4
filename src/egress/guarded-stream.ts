import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { type Breakable, breakOff } from './break-off.ts';
import { type Inspection, Refusal } from './inspect/inspection.ts';
import type { ReusedBuffer } from './reused-buffer.ts';

/** A connection to a place, paused, and what it reads into. */
export interface Outside {
  readonly socket: Socket;
  readonly buffer: ReusedBuffer;
}

/** What happens around a stream that is looked at. */
export interface Guarding {
  /** Milliseconds for the rest of what has begun. */
  readonly headMs: number;
  /** Told, once, what was refused. */
  readonly refused: (refusal: Refusal) => void;
  /** Makes another connection to the very place. @throws when there is none to be had, or it is not allowed any more */
  readonly again: () => Promise<Outside>;
}

type Done = (error?: Error | null) => void;

/**
 * The app's end of a connection: what is written goes out as far as the inspection lets it. What it refuses ends the connection
 * with the answer that it gives, if any; the place sees a break.
 */
export class GuardedStream extends Duplex implements Breakable {
  #outside: Socket;
  #buffer: ReusedBuffer;
  readonly #inspection: Inspection;
  readonly #guarding: Guarding;
  #isRefused = false;
  /** Another connection is being made, which takes the place of this one. */
  #isMoving = false;
  #timer: NodeJS.Timeout | null = null;
  /** Who writes, while the place has not answered. */
  #held: Done | null = null;
  /** Who gets what the place says without a stream in between. */
  #app: Socket | null = null;
  /** Called when the app's socket is done with something. */
  readonly #hearOn = (): void => {
    if (this.#app?.writableLength !== 0) return;
    this.#buffer.takeBack();
    this.#outside.resume();
  };

  constructor(outside: Outside, inspection: Inspection, guarding: Guarding) {
    super({ allowHalfOpen: true });
    this.#outside = outside.socket;
    this.#buffer = outside.buffer;
    this.#inspection = inspection;
    this.#guarding = guarding;
    this.#listenTo(outside);
  }

  #listenTo({ socket, buffer }: Outside): void {
    this.#outside = socket;
    this.#buffer = buffer;
    const counts = (): boolean => !this.#isRefused && !this.#isMoving && this.#outside === socket;
    buffer.hear = (bytes) => this.#outside === socket && this.#hear(bytes);
    socket
      .on('end', () => counts() && this.push(null))
      .on('error', () => {}) // its close says the rest
      .on('close', () => counts() && !isOver(socket) && this.destroy());
  }

  /** What the place says goes right into this socket from now on; that it has ended, or was refused, the stream tells as ever. */
  hearInto(app: Socket): void {
    this.#app = app;
  }

  override _read(): void {
    this.#outside.resume();
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: Done): void {
    if (this.#isRefused) {
      done();
      return;
    }
    if (this.#inspection.stage === 'open') {
      this.#send([bytes], done);
      return;
    }
    const out = this.#look(() => this.#inspection.said(bytes));
    this.#keepTime();
    const { stage } = this.#inspection;
    if (this.#isRefused || (stage !== 'held' && stage !== 'anew')) {
      this.#send(out, done);
      return;
    }
    this.#held = done;
    this.#send(out, () => {});
    if (stage === 'anew') void this.#beginAnew();
  }

  override _final(done: Done): void {
    this.#stopTimer(); // what it has begun has no end, and goes nowhere
    if (this.#isRefused) {
      done();
      return;
    }
    this.#outside.end(() => done());
  }

  override _destroy(error: Error | null, done: Done): void {
    this.#stopTimer();
    this.#outside.destroy();
    done(error);
  }

  breakOff(): void {
    breakOff(this.#outside);
    this.destroy();
  }

  /** Goes on over another connection. What the place may still say on the one before is for nobody: who asks so has had his answers. */
  async #beginAnew(): Promise<void> {
    this.#isMoving = true;
    const outside = await this.#guarding.again().catch(() => null);
    if (outside === null) {
      if (!this.destroyed) this.#refuse(new Refusal('there is no connection for its WebSocket'));
      return;
    }
    if (this.destroyed || this.#isRefused) {
      breakOff(outside.socket);
      return;
    }
    const before = this.#outside;
    this.#listenTo(outside);
    this.#isMoving = false;
    before.destroy();
    const out = this.#look(() => this.#inspection.anew?.() ?? []);
    this.#keepTime();
    this.#send(out, () => {});
    outside.socket.resume();
  }

  /** @returns false: the place is to wait */
  #hear(bytes: Buffer): boolean {
    if (this.#isRefused) return false;
    if (this.#inspection.stage !== 'open') {
      const out = this.#look(() => this.#inspection.heard(bytes));
      this.#keepTime();
      const done = this.#held;
      if (done !== null && !this.#isMoving && (this.#isRefused || this.#inspection.stage !== 'held')) {
        this.#held = null;
        this.#send(out, done);
      }
      if (this.#isRefused) return false;
    }
    return this.#app === null || this.readableLength > 0
      ? this.push(Buffer.from(bytes))
      : this.#passTo(this.#app, bytes);
  }

  /** The memory of these bytes is free again when the system has taken them all, which it mostly does at once. */
  #passTo(app: Socket, bytes: Buffer): boolean {
    app.write(bytes, this.#hearOn);
    if (app.writableLength === 0) return true;
    this.#buffer.giveAway();
    return false;
  }

  #send(parts: readonly Buffer[], done: Done): void {
    let hasRoom = true;
    for (const part of parts) hasRoom = this.#outside.write(part);
    if (hasRoom || this.#isRefused) done();
    else this.#outside.once('drain', () => done());
  }

  #look(inspect: () => readonly Buffer[]): readonly Buffer[] {
    try {
      return inspect();
    } catch (error) {
      this.#refuse(error instanceof Refusal ? error : new Refusal('it could not be looked at'));
      return [];
    }
  }

  /** Who began something has its time for the end of it. */
  #keepTime(): void {
    if (this.#inspection.stage !== 'head' || this.#isRefused) this.#stopTimer();
    else
      this.#timer ??= setTimeout(
        () => this.#refuse(new Refusal('the rest of what it began to say did not come in time')),
        this.#guarding.headMs,
      );
  }

  #refuse(refusal: Refusal): void {
    this.#isRefused = true;
    this.#stopTimer();
    this.#guarding.refused(refusal);
    breakOff(this.#outside);
    if (refusal.answer === null) {
      this.destroy();
      return;
    }
    this.push(refusal.answer);
    this.push(null);
    this.#timer = setTimeout(() => this.destroy(), this.#guarding.headMs); // who does not leave is sent away
  }

  #stopTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}

/** Both directions have come to their end by themselves. */
function isOver(stream: Duplex): boolean {
  return stream.readableEnded && stream.writableFinished;
}
