// The room as the view shows it: who is here, what they do, and what one can do oneself.
//
//   const room = new Room({ socket, ticket, link, name, role, devices, iceTransportPolicy })
//     socket: "/room" as the answer to joining says it;  ticket: the same, or null to resume what
//     sessionStorage remembers (`Room.canResume(link)` says whether there is something)
//     link: the path of the access link, where a new ticket is asked for when the seat is lost
//     devices: { camera, microphone, speaker }: device id, "" for the usual one, null for none
//     iceTransportPolicy: "all" or "relay"; left out: "relay" when the page's query has `relay`
//   await room.open()    enters and opens the devices side by side; never throws: see `problem`
//   await room.leave()   gives the seat up; the phase is "over", the overCode "LEFT"
//
// Properties
//   phase       "entering" | "waiting" (to be admitted) | "in" | "reconnecting" | "over"
//   overCode    null, or LEFT ENDED CANCELLED REMOVED FULL NOT_OPEN TAKEN_OVER GONE SLOW_DOWN MALFORMED …
//   overMessage what the server said about it, in English
//   me          a person, see below; from the beginning, with `seat` null until it is known
//   people      Map of seat → person, me first, the others in the order in which they came:
//     { seat, name, role: "moderator"|"participant", isMe, isAbsent (the connection was lost, may come
//       back), state: { microphone, camera, screen, hand, hand_at }, camera: MediaStream|null,
//       screen: MediaStream|null (pictures only: the room plays the voices itself), isSpeaking,
//       connection: "connecting"|"connected"|"interrupted"|"failed" }
//   waiting     [{ seat, name }] for moderators;   isModerator
//   title, organizationName, closesAt (milliseconds since 1970), serverNow() (the same)
//   seats       how many the room has;   switches { chat, hand, screen }: what is allowed here
//   devices     { cameras, microphones, speakers: [{ id, label }], camera, microphone, speaker: ids in
//                 use, canFlip: a phone with a camera on each side }
//   canShareScreen   whether the browser and the appointment allow it
//   problem     null, or { code, … } that lasts: INSECURE, BLOCKED, IN_USE, NO_DEVICES, NO_CAMERA,
//               NO_MICROPHONE; `problemText(problem)` and `overText(room)` of texts.js say it in words
//   isSoundBlocked   the browser wants a click before it plays voices: then call playSound()
//
// Methods
//   setMicrophone(on) setCamera(on) setHand(on)   setMicrophone and setCamera resolve to what it is now
//   startScreen() stopScreen()            chooseCamera(id) chooseMicrophone(id) chooseSpeaker(id)
//   flipCamera()  playSound()  chat(text)
//   admit(seats | "all") mute(seat | "all") remove(seat) end()            (moderators)
//
// Events
//   changed   detail { what, seat }: what is "phase", "people" (came, went, order), "person" (seat says
//             who: name, role, state, streams, connection, absence), "speaking" (seat), "waiting",
//             "room", "devices", "problem", "sound"
//   chat      detail { from, name, role, text, at, isMe }
//   problem   detail { code, … }: passing, for a notice: MUTED (by: person), DEVICE_ENDED (kind),
//             SCREEN_FAILED, SPEAKER_FAILED, SWITCHED_OFF, SLOW_DOWN, NOT_ALLOWED …
//   over      detail { code, message }

export class Room extends EventTarget {}
