# tcp_client.py - the textbook's TCP client: connects, sends a line without its newline, prints
# what one recv returns.
import os
from socket import AF_INET, SOCK_STREAM, socket

server_name = os.environ.get('PROTOLAB_HOST', '127.0.0.1')
server_port = int(os.environ.get('PROTOLAB_PORT', '12000'))
client_socket = socket(AF_INET, SOCK_STREAM)
client_socket.connect((server_name, server_port))
sentence = input('Input lowercase sentence:')
client_socket.send(sentence.encode())
modified_sentence = client_socket.recv(1024)
print('From Server:', modified_sentence.decode())
client_socket.close()
